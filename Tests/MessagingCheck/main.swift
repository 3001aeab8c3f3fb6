import Messaging
let world = try MPIEnvironment.startIfLaunched()
print(world.rank, world.size)
try MPIEnvironment.finish()
