//! vpclab-policy
