//! Tokens, of which header names and the names of parameters are made (RFC 9110, 5.6.2).

/// Whether a token can have this character.
pub fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

/// Whether a text is a token.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token_char)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_fifteen_marks() {
        for text in ["X-Id", "content-type", "a!#$%&'*+.^_`|~0"] {
            assert!(is_token(text), "{text}");
        }
        for text in ["", "X Id", "X:Id", "Ünder", "a\n", "a@b", "(x)"] {
            assert!(!is_token(text), "{text}");
        }
    }
}
