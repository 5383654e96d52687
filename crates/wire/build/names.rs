//! AWS's names as Rust writes them.

/// `CidrBlock`, `cidrBlock` -> `cidr_block`; a keyword gets an underscore behind it.
pub fn field(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|i| chars.get(i));
        let after = chars.get(index + 1);
        let starts_word = c.is_uppercase() && before.is_some_and(|b| !b.is_uppercase() || after.is_some_and(|a| a.is_lowercase()));
        if starts_word && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    const KEYWORDS: [&str; 14] =
        ["type", "return", "ref", "in", "for", "as", "use", "where", "move", "match", "self", "enum", "mod", "impl"];
    if KEYWORDS.contains(&out.as_str()) {
        out.push('_');
    }
    out
}

/// A shape's name as a Rust type: the first letter in upper case.
pub fn type_(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
