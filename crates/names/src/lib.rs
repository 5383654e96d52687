//! vpclab-names
