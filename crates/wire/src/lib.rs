//! vpclab-wire
