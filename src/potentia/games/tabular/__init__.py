"""Any finite Markov game as a table of joint actions, dense or sparse; `game.MarkovGame`."""
