//! The known name that is nearest to a misspelt one, for "did you mean".

/// The candidate nearest to `name`, if it is near enough to be a typo.
pub(crate) fn nearest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let slips = |candidate: &&str| distance(name, candidate);
    let nearest = candidates.iter().copied().min_by_key(slips)?;
    (distance(name, nearest) <= 1 + name.len() / 4).then_some(nearest)
}

/// The number of insertions, deletions, substitutions and swaps of neighbours that turn
/// `a` into `b` (the optimal string alignment distance).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = match (i, j) {
                (_, 0) => i,
                (0, _) => j,
                _ => {
                    let exchanged = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let one_more = 1 + table[i - 1][j].min(table[i][j - 1]);
                    let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                    let swapped = if swapped { table[i - 2][j - 2] + 1 } else { usize::MAX };
                    exchanged.min(one_more).min(swapped)
                }
            };
        }
    }
    table[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["leaf", "skip", "rename"];
        assert_eq!(nearest("laef", &known), Some("leaf"));
        assert_eq!(nearest("renam", &known), Some("rename"));
        assert_eq!(nearest("transparent", &known), None);
    }
}
