"""Who proposes the next params. `gp` alone imports torch and gpytorch, so import what you
need by its module; only the driver and the tuner choose among samplers."""
