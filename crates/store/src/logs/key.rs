//! The keys of the log tables: fixed-width big-endian numbers, so that bytes sort as events do.
use super::Position;

/// What a group's key is made of.
pub(super) trait Place {
    /// Account, region and name; none holds a zero byte.
    fn parts(&self) -> [&str; 3];
}

/// Account, region, group and stream, each but the last ended by a zero byte.
pub(super) fn group_key(group: &impl Place, stream: &str) -> Vec<u8> {
    let mut key = Vec::new();
    for part in group.parts() {
        key.extend_from_slice(part.as_bytes());
        key.push(0);
    }
    key.extend_from_slice(stream.as_bytes());
    key
}

/// Stream, timestamp, arrival.
pub(super) fn event_key(stream: u64, position: Position) -> [u8; 24] {
    let mut key = [0; 24];
    // With the sign bit turned, negative times sort before positive ones.
    let time = position.timestamp.cast_unsigned() ^ (1 << 63);
    for (place, byte) in key.iter_mut().zip([stream, time, position.arrival].into_iter().flat_map(u64::to_be_bytes)) {
        *place = byte;
    }
    key
}

/// The position in an event's key.
pub(super) fn position(key: &[u8]) -> Position {
    let number = |from: usize| {
        let bytes = key.get(from..from + 8).and_then(|part| <[u8; 8]>::try_from(part).ok());
        bytes.map_or(0, u64::from_be_bytes)
    };
    Position { timestamp: (number(8) ^ (1 << 63)).cast_signed(), arrival: number(16) }
}
