//! From somebody whom a login service knows to a user, roles and a session.

use crate::answer::{issuer, sent_flag};
use crate::instance::Instance;
use async_trait::async_trait;
use contract::{Map, Problem, Request, ServiceRef, Value};
use identity::{Admission, Attempt, Column, GroupRoles, Identity};
use platform::{Entry, Platform};
use store::{LoginRoles, NotIn, Shadow, Store};

#[async_trait]
impl identity::Accounts for Instance {
    async fn keep(&self, service: &ServiceRef, attempt: &Attempt) -> Result<(), Problem> {
        let platform = self.platform()?;
        let content = serde_json::to_string(attempt).map_err(Problem::internal)?;
        let seconds = platform.settings().oauth_cache_ttl;
        platform
            .store()
            .keep_begun(service.id, &attempt.state, &content, seconds)
            .await
    }

    async fn take(&self, service: &ServiceRef, state: &str) -> Result<Attempt, Problem> {
        let platform = self.platform()?;
        let content = platform.store().take_begun(service.id, state).await?;
        let content = content.ok_or_else(invalid_state)?;
        serde_json::from_str(&content).map_err(Problem::internal)
    }

    async fn log_in(
        &self,
        request: &Request,
        admission: &Admission,
        identity: Identity,
    ) -> Result<Map<String, Value>, Problem> {
        log_in(&*self.platform()?, request, admission, identity).await
    }
}

/// `Invalid state`
pub(crate) fn invalid_state() -> Problem {
    Problem::unauthorized("Invalid state")
}

/// See [`identity::Accounts::log_in`].
pub(crate) async fn log_in(
    platform: &Platform,
    request: &Request,
    admission: &Admission,
    identity: Identity,
) -> Result<Map<String, Value>, Problem> {
    let store = platform.store();
    let user = user(store, admission, &identity).await?;
    if let Some(token) = &identity.token {
        store
            .put_oauth_token(user, admission.service.id, &token.token, &token.response)
            .await?;
    }
    let entry = Entry {
        remember: sent_flag(request, "remember_me"),
        app: request.caller.app.as_ref().map(|app| app.id),
        issuer: &issuer(request),
    };
    let Value::Object(mut session) = platform.sessions().enter(user, entry).await? else {
        return Err(Problem::internal("a session is no object"));
    };
    for (name, value) in identity.shown {
        // What a provider tells takes the place of nothing that is ours.
        session.entry(name).or_insert(value);
    }
    Ok(session)
}

/// The user of an identity, with the roles of this login.
async fn user(store: &Store, admission: &Admission, identity: &Identity) -> Result<i64, Problem> {
    let roles = roles(store, admission, identity).await?;
    let service = &admission.service.name;
    let email = address(service, identity);
    let username = identity.username.as_ref().map(|name| format!("{name}+{service}"));
    let subject = format!("{}\n{}", admission.provider, identity.id);
    let shadow = Shadow {
        column: match admission.column {
            Column::OauthProvider => "oauth_provider",
            Column::Adldap => "adldap",
            Column::Saml => "saml",
        },
        provider: admission.provider,
        subject: &subject,
        email: &email,
        names: names(identity, &email),
        directory: username.as_deref().zip(identity.username.as_deref()),
        may_be_new: admission.allow_new_users,
        is_admin: admission.administrators,
    };
    let tx = store.begin(None).await?;
    let (id, made) = tx.shadow(&shadow).await.map_err(unusable)?.map_err(not_in)?;
    let given = !admission.administrators && tx.give_login_roles(id, &roles).await?;
    match made || given {
        true => tx.commit().await.map(|_| ())?,
        // Nothing was written, so no node has to read everything anew.
        false => tx.rollback().await?,
    }
    Ok(id)
}

/// The roles that a login gives.
async fn roles(store: &Store, admission: &Admission, identity: &Identity) -> Result<LoginRoles, Problem> {
    let of_groups = match &admission.groups {
        GroupRoles::None => None,
        GroupRoles::OfDirectory => store.role_of_groups(&identity.groups).await?,
        GroupRoles::Listed(list) => identity.groups.iter().find_map(|group| {
            let mut fitting = list.iter().filter(|(named, _)| named.eq_ignore_ascii_case(group));
            fitting.next().map(|(_, role)| *role)
        }),
    };
    let anew = matches!(admission.groups, GroupRoles::Listed(_));
    let default = of_groups.or(admission.default_role);
    let apps = match anew && default.is_some() {
        true => Vec::new(),
        false => admission.app_roles.clone(),
    };
    Ok(LoginRoles { anew, default, apps })
}

/// The address by which the user is found. The service's name in it keeps the people of two services apart, and from
/// those who have a password.
fn address(service: &str, identity: &Identity) -> String {
    let sent = identity.email.as_deref().map(str::trim);
    match sent.and_then(|email| email.rsplit_once('@')) {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => {
            format!("{local}+{service}@{domain}")
        }
        _ => {
            let name = identity.username.as_ref().unwrap_or(&identity.id);
            let local: String = name
                .chars()
                .map(|c| {
                    if c.is_whitespace() || c.is_control() || c == '@' {
                        '_'
                    } else {
                        c
                    }
                })
                .collect();
            let made = format!("{service}.com");
            let domain = identity.domain.as_deref().unwrap_or(&made);
            format!("{local}+{service}@{domain}")
        }
    }
}

/// The names of a new user.
fn names(identity: &Identity, email: &str) -> Map<String, Value> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let name = given(&identity.name)
        .or_else(|| given(&identity.nickname))
        .unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    let mut words = name.split_whitespace().map(str::to_owned);
    let (first, last) = (words.next(), words.next());
    [
        ("first_name", given(&identity.first_name).or(first)),
        ("last_name", given(&identity.last_name).or(last)),
        ("name", Some(name)),
    ]
    .into_iter()
    .filter_map(|(key, text)| Some((key.to_owned(), text?.chars().take(255).collect::<String>().into())))
    .collect()
}

fn not_in(reason: NotIn) -> Problem {
    Problem::unauthorized(match reason {
        NotIn::New => {
            "New user registration is not allowed for this OAuth service. Please contact your administrator to create an \
             account or enable new user registration."
        }
        NotIn::Taken => {
            "The address of this account belongs to another user here. Please contact your administrator."
        }
        NotIn::Inactive => "The user of this account is not active.",
    })
}

/// What is told of an account that breaks a rule of users, such as one with an address that is none.
fn unusable(problem: Problem) -> Problem {
    match problem.status() {
        400 => Problem::unauthorized("This account of the login service cannot become a user here.")
            .with_source(problem),
        _ => problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str, email: Option<&str>) -> Identity {
        Identity {
            id: id.into(),
            email: email.map(str::to_owned),
            ..Identity::default()
        }
    }

    #[test]
    fn addresses_name_their_service() {
        assert_eq!(address("corp", &of("1", Some("a@x.com"))), "a+corp@x.com");
        assert_eq!(address("corp", &of("1", Some("a+b@x.com"))), "a+b+corp@x.com");
        assert_eq!(address("corp", &of("77", None)), "77+corp@corp.com");
        assert_eq!(
            address("corp", &of("a|b c@d", Some("none"))),
            "a|b_c_d+corp@corp.com"
        );
        let directory = Identity {
            username: Some("jdoe".into()),
            domain: Some("ex.com".into()),
            ..of("jdoe", None)
        };
        assert_eq!(address("ad", &directory), "jdoe+ad@ex.com");
    }

    #[test]
    fn the_first_two_words_are_names() {
        let identity = Identity {
            name: Some("Ann Bo Lee".into()),
            ..Identity::default()
        };
        let names = names(&identity, "a@x");
        assert_eq!(
            (&names["first_name"], &names["last_name"]),
            (&"Ann".into(), &"Bo".into())
        );
        assert_eq!(names["name"], "Ann Bo Lee");
    }
}
