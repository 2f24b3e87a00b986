"""Agents who walk on a graph and see the joint state; rewards by load, exact without a table;
`game.CongestionGame`."""
