//! vpclab-resolver
