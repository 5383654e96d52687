//! vpclab-fabric
