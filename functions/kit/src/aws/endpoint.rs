//! Which endpoint is called: the SDK's own variables, read from the environment alone.

use aws_types::sdk_config::Builder;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// Sets what the environment says of all services.
pub(super) fn configure(mut config: Builder) -> Builder {
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    config.set_use_fips(switch("AWS_USE_FIPS_ENDPOINT"));
    config.set_use_dual_stack(switch("AWS_USE_DUALSTACK_ENDPOINT"));
    config
}

/// What it says of one: `AWS_ENDPOINT_URL_DYNAMODB`.
#[derive(Debug)]
pub(super) struct Environment;

impl LoadServiceConfig for Environment {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        variable(&of_service(key.env(), key.service_id()))
    }
}

fn of_service(name: &str, service: &str) -> String {
    let service = service.to_ascii_uppercase().replace([' ', '-'], "_");
    format!("{name}_{service}")
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn switch(name: &str) -> Option<bool> {
    variable(name).map(|value| value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_service_has_a_variable_of_its_own() {
        let name = |service| super::of_service("AWS_ENDPOINT_URL", service);
        assert_eq!(name("DynamoDB"), "AWS_ENDPOINT_URL_DYNAMODB");
        assert_eq!(name("Secrets Manager"), "AWS_ENDPOINT_URL_SECRETS_MANAGER");
    }
}
