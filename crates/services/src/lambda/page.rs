//! `Marker` and `MaxItems` of lists.
use super::errors::invalid;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vpclab_wire::WireError;

/// Items of a page, whatever more is asked for.
const MOST: usize = 50;

/// One page of a list in the order of its keys, and the marker of the next one. A marker holds the last key seen.
pub(super) fn page<T>(
    items: impl IntoIterator<Item = (String, T)>,
    most: Option<i32>,
    marker: Option<&str>,
) -> Result<(Vec<T>, Option<String>), WireError> {
    let most = match most.map(usize::try_from) {
        None => MOST,
        Some(Ok(most @ 1..)) => most.min(MOST),
        Some(_) => {
            return Err(WireError::new(
                400,
                "ValidationException",
                format!(
                    "1 validation error detected: Value '{}' at 'maxItems' failed to satisfy constraint: Member must have value greater than \
                     or equal to 1",
                    most.unwrap_or_default()
                ),
            ));
        }
    };
    let after = match marker.filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let key = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            Some(key.ok_or_else(|| invalid("Invalid marker"))?)
        }
    };
    let mut rest: Vec<(String, T)> = items.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).collect();
    rest.sort_by(|a, b| a.0.cmp(&b.0));
    let more = rest.len() > most;
    rest.truncate(most);
    let next = rest.last().filter(|_| more).map(|(key, _)| STANDARD.encode(key));
    Ok((rest.into_iter().map(|(_, item)| item).collect(), next))
}
