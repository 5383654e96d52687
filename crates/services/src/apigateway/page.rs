//! `limit` and `position` of lists.
use super::errors::bad_request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vpclab_wire::WireError;

/// Items on a page when nothing is said, and at most.
const DEFAULT: usize = 25;
const MAX: usize = 500;

/// One page of a list in the order of its keys, and the position of the next one. A position holds the last key seen, so that what
/// comes and goes meanwhile neither hides an item nor shows it twice.
pub(super) fn page<T>(
    items: impl IntoIterator<Item = (String, T)>,
    limit: Option<i32>,
    position: Option<&str>,
) -> Result<(Vec<T>, Option<String>), WireError> {
    let limit = match limit {
        None => DEFAULT,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=MAX).contains(limit))
            .ok_or_else(|| bad_request(format!("Invalid limit specified: {limit}. It must be between 1 and {MAX}")))?,
    };
    let after = match position.filter(|text| !text.is_empty()) {
        None => String::new(),
        Some(text) => URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| bad_request("Invalid position parameter specified"))?,
    };
    let mut rest: Vec<(String, T)> = items.into_iter().filter(|(key, _)| after.is_empty() || *key > after).collect();
    rest.sort_by(|a, b| a.0.cmp(&b.0));
    let more = rest.len() > limit;
    rest.truncate(limit);
    let next = rest.last().filter(|_| more).map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
    Ok((rest.into_iter().map(|(_, item)| item).collect(), next))
}
