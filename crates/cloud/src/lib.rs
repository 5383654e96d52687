//! vpclab-cloud
