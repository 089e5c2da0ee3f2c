"""The whole mirror: graph table, container, supervisor and the `mirror` command."""
