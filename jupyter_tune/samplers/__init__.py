"""The samplers, which propose params. Only `gp` imports torch and gpytorch, so import each by its module;
the driver and the tuner choose among them, by the registry."""
