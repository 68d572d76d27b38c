//! Snake case, for names generated from those of types and variants.

/// `PausedAt` as `paused_at`, `HTTPServer` as `http_server`.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (i, letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| letters[i]);
        let after_word = before.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit());
        let before_word = before.is_some_and(char::is_uppercase)
            && letters.get(i + 1).is_some_and(|c| c.is_lowercase());
        if letter.is_uppercase() && (after_word || before_word) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake;

    #[test]
    fn snake_case_keeps_words_together() {
        assert_eq!(snake("MountChanged"), "mount_changed");
        assert_eq!(snake("HTTPServer"), "http_server");
        assert_eq!(snake("Mp4File"), "mp4_file");
        assert_eq!(snake("already_snake"), "already_snake");
    }
}
