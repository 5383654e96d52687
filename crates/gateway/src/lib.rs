//! vpclab-gateway
