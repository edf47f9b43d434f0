//! HTTP methods that a script can use, and whether they have a body.

/// The methods that a request can have.
pub const ALL: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Whether requests of this method usually carry a body: params go into it, and without one its length is said to be 0.
pub fn carries_body(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH")
}

/// Whether a body has no meaning on this method (RFC 9110, 9.3.1, 9.3.2 and 9.3.5). It may have one on OPTIONS.
pub fn refuses_body(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "DELETE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_method_both_carries_and_refuses_a_body() {
        for method in ALL {
            let expected = match method {
                "POST" | "PUT" | "PATCH" => (true, false),
                "OPTIONS" => (false, false),
                _ => (false, true),
            };
            assert_eq!((carries_body(method), refuses_body(method)), expected, "{method}");
        }
    }
}
