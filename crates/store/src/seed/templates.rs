//! The e-mail templates that every instance has from the start.

use crate::clock::stamp;
use crate::statements::Statements;
use contract::Problem;
use sql::Scalar;

struct Template {
    name: &'static str,
    description: &'static str,
    subject: &'static str,
    body_html: &'static str,
}

/// In the order of their ids, from 1.
const TEMPLATES: [Template; 3] = [
    Template {
        name: "User Invite Default",
        description: "Email sent to invite new users to your instance.",
        subject: "[DF] New User Invitation",
        body_html: include_str!("invite.html"),
    },
    Template {
        name: "User Registration Default",
        description: "Email sent to new users to complete registration.",
        subject: "[DF] Registration Confirmation",
        body_html: include_str!("registration.html"),
    },
    Template {
        name: "Password Reset Default",
        description: "Email sent to users following a request to reset their password.",
        subject: "[DF] Password Reset",
        body_html: include_str!("reset.html"),
    },
];

/// Puts the templates in; part of the step that makes their table. They name no address as sender: whose it is, only the
/// instance knows (`from_email` of the service, or the setting).
pub(crate) async fn plant(statements: &Statements<'_>) -> Result<(), Problem> {
    let now = stamp();
    for template in &TEMPLATES {
        let row: Vec<(&str, Scalar)> = vec![
            ("name", template.name.into()),
            ("name_key", template.name.to_lowercase().into()),
            ("description", template.description.into()),
            ("subject", template.subject.into()),
            ("body_html", template.body_html.trim_end().into()),
            ("from_name", "DO NOT REPLY".into()),
            ("created_date", now.as_str().into()),
            ("last_modified_date", now.as_str().into()),
        ];
        statements.insert("email_template", row).await?;
    }
    Ok(())
}
