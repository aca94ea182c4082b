//! Passwords: argon2id on a blocking thread, a few at a time so that sign-ins cannot starve the
//! rest, and one rule of strength (length and guessability, no composition rule).

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

pub const MIN_LENGTH: usize = 12;
pub const MAX_LENGTH: usize = 128;
/// Characters that neither the person's name nor their address give.
const MIN_OWN: usize = 8;
/// OWASP's minimum: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const AT_ONCE: usize = 2;
const WAITING: usize = 32;

/// Hashes and verifies, at most two at a time, 32 waiting.
#[derive(Clone)]
pub struct Hasher {
    running: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

/// Too many people are signing in at this instant.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    #[error("too many password checks are waiting")]
    Busy,
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

fn argon() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("constant parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Hasher {
    pub(in crate::platform) fn new() -> Self {
        Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(WAITING)),
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let place = Arc::clone(&self.queue)
            .try_acquire_owned()
            .map_err(|_| HashError::Busy)?;
        let turn = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|e| HashError::Failed(e.to_string()))?;
        // The thread keeps its turn even when whoever asked hangs up.
        let work = move || {
            let done = work();
            drop((place, turn));
            done
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|e| HashError::Failed(e.to_string()))?
    }

    /// # Errors
    /// [`HashError::Busy`] when too many wait already.
    pub async fn hash(&self, password: String) -> Result<String, HashError> {
        self.blocking(move || hash_now(&password)).await
    }

    /// Compares with a stored hash; without one, works as long and answers no.
    ///
    /// # Errors
    /// [`HashError::Busy`] when too many wait already.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, HashError> {
        self.blocking(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| DECOY.to_owned());
            let parsed = PasswordHash::new(&hash).map_err(|e| HashError::Failed(e.to_string()))?;
            let same = argon().verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(same && known)
        })
        .await
    }
}

fn hash_now(password: &str) -> Result<String, HashError> {
    let hash = argon()
        .hash_password(password.as_bytes())
        .map_err(|e| HashError::Failed(e.to_string()))?;
    Ok(hash.to_string())
}

/// Whether a stored hash was made with less work than today's: worth making again while the
/// password is at hand.
pub fn is_outdated(hash: &str) -> bool {
    let known = PasswordHash::new(hash)
        .ok()
        .filter(|h| h.algorithm.as_str() == "argon2id");
    let params = known.and_then(|h| Params::try_from(&h).ok());
    params.is_none_or(|p| p.m_cost() < MEMORY_KIB || p.t_cost() < PASSES)
}

/// Compared with when there is no account, so that the answer takes as long; nobody has its password.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$NCdTX2SEIf8saXYJ4NYhLw$x+/pxwWBWzFJlpXPHF6FZLO2woroPt6FqXsXnCit5qs";

/// Why a new password is refused; `Display` is the sentence to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    #[error("Choisissez un mot de passe d’au moins {MIN_LENGTH} caractères.")]
    TooShort,
    #[error("Choisissez un mot de passe d’au plus {MAX_LENGTH} caractères.")]
    TooLong,
    #[error("Ce mot de passe est trop facile à deviner : ajoutez un ou deux mots sans rapport entre eux.")]
    Guessable,
}

/// The words of a name or an address that one would try first.
fn pieces(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|piece| piece.chars().count() > 2)
        .map(str::to_lowercase)
        .collect()
}

/// Checks a new password; `context` holds words that would make it easy (name, e-mail, territory).
///
/// # Errors
/// The first reason to refuse it.
pub fn check_strength(password: &str, context: &[&str]) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < MIN_LENGTH {
        return Err(Weak::TooShort);
    }
    if length > MAX_LENGTH {
        return Err(Weak::TooLong);
    }
    let mut words = vec![
        "maillage",
        "vendôme",
        "vendome",
        "bonjour",
        "motdepasse",
        "azerty",
    ];
    words.extend(context);
    let known: Vec<_> = context.iter().flat_map(|text| pieces(text)).collect();
    words.extend(known.iter().map(String::as_str));
    let own = known.iter().fold(password.to_lowercase(), |rest, piece| {
        rest.replace(piece.as_str(), "")
    });
    let guessable = zxcvbn::zxcvbn(password, &words).score() < zxcvbn::Score::Three;
    if guessable || own.chars().count() < MIN_OWN {
        return Err(Weak::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_with_a_reason() {
        assert_eq!(check_strength("court", &[]), Err(Weak::TooShort));
        assert_eq!(check_strength(&"a".repeat(129), &[]), Err(Weak::TooLong));
        assert_eq!(check_strength("azertyazerty", &[]), Err(Weak::Guessable));
        assert_eq!(check_strength("maillage2026", &[]), Err(Weak::Guessable));
        assert_eq!(
            check_strength("claire.vasseur", &["Claire Vasseur", "c.vasseur@exemple.fr"]),
            Err(Weak::Guessable)
        );
        assert_eq!(check_strength("quatre lamas sous la pluie", &[]), Ok(()));
    }

    #[test]
    fn a_hash_made_with_less_work_is_outdated_and_the_decoy_is_not() {
        assert!(!is_outdated(DECOY));
        assert!(is_outdated(&DECOY.replace("m=19456", "m=4096")));
        assert!(is_outdated(&DECOY.replace("t=2", "t=1")));
        assert!(is_outdated(&DECOY.replace("argon2id", "argon2i")));
        assert!(is_outdated("none"));
    }

    #[tokio::test]
    async fn a_hash_names_its_parameters_and_verifies() {
        let hasher = Hasher::new();
        let hash = hasher.hash("quatre lamas".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            hasher
                .verify("quatre lamas".to_owned(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!hasher.verify("cinq lamas".to_owned(), Some(hash)).await.unwrap());
        assert!(
            !hasher
                .verify("no one has this password".to_owned(), None)
                .await
                .unwrap()
        );
    }
}
