// placeholder while the package is set up
