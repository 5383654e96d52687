//! vpclab-api
