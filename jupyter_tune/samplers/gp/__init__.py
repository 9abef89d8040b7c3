"""The Gaussian process sampler: the only place that imports torch and gpytorch.

    observations   study -> which trials teach, and the loss each one teaches
    subset         of many observations those that the model is given
    outputs        losses -> standardised targets, and back
    encoding       params <-> points of the declared unit cube <-> inputs of the model
    model          the process, in GPyTorch: kernel, priors, mean (trend)
    likelihood     how probable its parameters are, with the gradient, in closed form (matern: the kernel's)
    fit            the most probable parameters
    posterior      what it expects at a point, and how that changes with the point
    fitted         a process fitted to losses: one for each metric, constraint and other task
    units          u of the trials, each computed once
    acquisition    log expected improvement
    score          the acquisition as a function of u, with its gradient
    search         where in a mixed space the acquisition is highest
    belief         all of the above, fitted to a study; the point that it chooses
    sampler        one suggestion: of the model, or of Sobol without loading torch
    landscape      the same model for the charts, from the four below
    base_point     where the parameters that are not looked along stand
    surfaces       what the model predicts at some points, in metric units
    importances    how much of the model's variance each parameter explains
    gain           what the next trial is likely to gain
    threads        one thread for all of it

Notation of these modules (that of Rasmussen and Williams, 2006, where they have one):

    n  observations           X  n x c     model inputs          K  n x n  covariance
    m  candidates             y  n         targets               L  Cholesky factor of K
    p  axes: parameters that  u  m x p     points of the         alpha  K^-1 (y - c)
       are no constants                    declared unit cube    z  (best - mean) / sigma
    c  columns of the model's inputs; c > p where choices are one-hot
"""
