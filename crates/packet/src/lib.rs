//! vpclab-packet
