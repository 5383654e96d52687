//! The lab's networks as a picture.
