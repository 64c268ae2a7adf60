//! As much JSON as the heads of operations need; a processor that reads JSON takes a crate for it.

/// A text with its quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A head with one member that is a text, and bytes behind it.
pub(crate) fn input(member: &str, text: &str, body: &[u8]) -> Vec<u8> {
    [format!("{{\"{member}\":{}}}\n", quoted(text)).as_bytes(), body].concat()
}

/// The whole number of a member of an object as the host writes it; 0 if it is not there.
pub(crate) fn number(json: &str, member: &str) -> u64 {
    let value = json.split_once(&format!("\"{member}\":")).map_or("", |(_, rest)| rest);
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    value[..end].parse().unwrap_or(0)
}

/// All texts of a list of lists of texts, one after the other.
pub(crate) fn texts(json: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = json.chars();
    while rest.any(|c| c == '"') {
        let mut text = String::new();
        while let Some(c) = rest.next() {
            match c {
                '"' => break,
                '\\' => match rest.next() {
                    Some('b') => text.push('\u{8}'),
                    Some('f') => text.push('\u{c}'),
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    // The host writes only control characters so.
                    Some('u') => {
                        let digits: String = rest.by_ref().take(4).collect();
                        let code = u32::from_str_radix(&digits, 16).unwrap_or(0xFFFD);
                        text.push(char::from_u32(code).unwrap_or('\u{FFFD}'));
                    }
                    Some(c) => text.push(c),
                    None => break,
                },
                c => text.push(c),
            }
        }
        all.push(text);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_reads_back() {
        for text in ["", "plain", "a \"b\" \\ c", "\n\t\u{1}\u{1f}", "Grüße 🌍"] {
            assert_eq!(texts(&quoted(text)), [text]);
        }
        assert_eq!(quoted("\"\n"), "\"\\\"\\u000a\"");
    }

    #[test]
    fn heads_are_taken_apart() {
        let head = r#"{"status":204,"headers":[["a","b"],["c","\"\\\n\u0001"]]}"#;
        assert_eq!(number(head, "status"), 204);
        assert_eq!(number(head, "other"), 0);
        assert_eq!(texts(head.split_once('[').unwrap().1), ["a", "b", "c", "\"\\\n\u{1}"]);
        assert_eq!(texts("\"cut \\"), ["cut "]);
    }
}
