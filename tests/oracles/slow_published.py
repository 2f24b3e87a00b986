"""The published estimators once more, in loops over NumPy arrays, one draw at a time: the slow
reference.

Written from the description of the published experiment scripts; shares no code with the oracles.
"""

from __future__ import annotations

import numpy as np


class Script:
    """One game's arrays and a random generator. rewards [S, J, N], targets [S, J]."""

    def __init__(self, game, profile, seed):
        self.rewards, self.targets = np.asarray(game.rewards), np.asarray(
            game.transitions.targets)[:, :, 0]
        self.counts, self.gamma = game.action_counts, float(game.discount)
        self.n_agents, self.n_states = self.rewards.shape[2], self.rewards.shape[0]
        self.profile, self.rng = np.asarray(profile), np.random.default_rng(seed)

    def actions(self, state):
        """One action for each agent."""
        return [int(np.searchsorted(np.cumsum(self.profile[agent, state]), self.rng.uniform(),
                                    side="right"))
                for agent in range(self.n_agents)]

    def joint(self, actions):
        return int(np.ravel_multi_index(actions, self.counts))

    def congestion_values(self, samples, horizon):
        """V_hat [N, S]: discounted rewards credited to the visited state, over two layers."""
        total = np.zeros((self.n_agents, self.n_states))
        for layer in (0, 1):
            for _ in range(samples):
                for start in range(self.n_states):
                    state = start
                    for t in range(horizon - layer):
                        joint = self.joint(self.actions(state))
                        total[:, state] += self.gamma**t * self.rewards[state, joint]
                        state = self.targets[state, joint]
        return total / samples

    def distancing_values(self, samples, horizon):
        """V_hat [N, S]: mean discounted return from each start."""
        total = np.zeros((self.n_agents, self.n_states))
        for start in range(self.n_states):
            for _ in range(samples):
                state = start
                for t in range(horizon):
                    joint = self.joint(self.actions(state))
                    total[:, start] += self.gamma**t * self.rewards[state, joint]
                    state = self.targets[state, joint]
        return total / samples

    def action_values(self, v, samples):
        """Q [N, S, A] by one-step draws of the others' actions."""
        q = np.zeros((self.n_agents, self.n_states, max(self.counts)))
        for agent in range(self.n_agents):
            for state in range(self.n_states):
                for action in range(self.counts[agent]):
                    for _ in range(samples):
                        actions = self.actions(state)
                        actions[agent] = action
                        joint = self.joint(actions)
                        q[agent, state, action] += (self.rewards[state, joint, agent]
                                                    + self.gamma
                                                    * v[agent,
                                                        self.targets[state, joint]]) / samples
        return q
