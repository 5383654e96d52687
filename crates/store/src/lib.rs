//! vpclab-store
