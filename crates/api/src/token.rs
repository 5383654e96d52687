//! The tokens that a Lambda authorizer of type `TOKEN` takes.
//! Source: "identityValidationExpression" in <https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html>
use regex_lite::Regex;

/// An identity validation expression, which a whole token has to match.
///
/// # Errors
/// A text that is no expression, in the words of API Gateway.
pub fn whole(text: &str) -> Result<Regex, String> {
    // By itself too: `a)|(?:b` would become two halves, each of which matches a part.
    Regex::new(text)
        .and_then(|_| Regex::new(&format!("^(?:{text})$")))
        .map_err(|_| format!("Invalid identity validation expression specified: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_token_matches() {
        let either = whole("a|b").unwrap();
        assert!(either.is_match("a") && either.is_match("b") && !either.is_match("ab") && !either.is_match("b\n"));
        for wrong in ["(", "a)|(?:b", "(?x) a # b"] {
            assert_eq!(whole(wrong).unwrap_err(), format!("Invalid identity validation expression specified: {wrong}"));
        }
    }
}
