//! `application/x-www-form-urlencoded` text.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// Names and values in their order. Bytes that are not UTF-8 become U+FFFD.
pub fn pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> + '_ {
    text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let mut parts = pair.splitn(2, |byte| *byte == b'=');
        let name = parts.next().unwrap_or_default();
        let value = parts.next().unwrap_or_default();
        (decode(name), decode(value))
    })
}

fn decode(text: &[u8]) -> String {
    let text: Cow<'_, [u8]> =
        if text.contains(&b'+') { text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect() } else { Cow::Borrowed(text) };
    percent_decode(&text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_plus_and_percent() {
        let all: Vec<_> = pairs(b"a=1+2&b%2Ec=%E2%82%AC&&d").collect();
        let expected = [("a", "1 2"), ("b.c", "€"), ("d", "")];
        assert_eq!(all, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }
}
