"""Learning from play: simulators, learners and what trains them."""

from planted.mutant import Mutant

MUTANTS = (
    Mutant("what is seen is told by the step after", "training/faults.py",
           "jnp.stack([kind, step - seen, agent])", "jnp.stack([kind, step, agent])",
           "tests/training/test_faults_of_play.py"),
    Mutant("actions needed where play is over", "training/faults.py",
           "played & ~jnp.any(play.legal[:-1], axis=-1)", "~jnp.any(play.legal[:-1], axis=-1)",
           "tests/training/test_faults_of_play.py"),
    Mutant("probabilities that sum to anything", "training/frozen.py",
           "(jnp.abs(jnp.sum(chances, axis=-1) - 1.0) <= SUM)", "True",
           "tests/training/test_estimated_gaps.py"),
    Mutant("a seed beside initial that is ignored", "training/loop.py",
           "if initial is not None and given != own:", "if False:",
           "tests/training/test_kept_trainings.py"),
    Mutant("a resumed simulator with other parameters", "training/saving.py",
           "if header.get(part) != wanted:", 'if part == "learner" and header.get(part) != wanted:',
           "tests/training/test_other_trainings.py"),
    Mutant("a resumed table that is another", "training/saving.py",
           "if len(before) != len(now) or not all(map(np.array_equal, before, now)):", "if False:",
           "tests/training/test_other_trainings.py"),
    Mutant("own learners in a JAX tree", "training/subject.py",
           "return learner if is_known(learner) else HeldLearner(itself(learner))",
           "return learner", "tests/training/test_own_learners.py"),
)
