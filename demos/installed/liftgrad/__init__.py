"""What is called liftgrad where it is installed: ``liftgrad tour``, ``liftgrad exercises`` and the other demos.

The wheel has the demos in this package's folder, since a name as general as `demos` does not belong beside other
people's packages. The packages to import are `engine` and `nn`.
"""
