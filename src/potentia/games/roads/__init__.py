"""Road networks: link costs, types of agents with local policies, exact at any number of agents;
`game.RoutingGame`."""
