/// Who trains a method also speaks of its statistics, shards and threads: the step protocol comes with this module.
@_exported import Stepping
