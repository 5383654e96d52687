//! vpclab-services
