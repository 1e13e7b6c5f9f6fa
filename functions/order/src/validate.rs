//! The request's text in, an order or every field at fault out. Stores nothing, asks nobody.

use std::str::FromStr;

use contracts::{
    Currency, CustomerEmail, InventoryOutcome, Money, OrderLine, PaymentOutcome, TestControls,
};
use email_address::{EmailAddress, Options};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use topogen_kit::bounded::{Text, Whole};

use crate::form::{Fault, Faults, Form, text};
use crate::order::NewOrder;

/// As many lines as an order may have.
const MAX_LINES: usize = 100;
/// As many of one thing as an order may ask for.
const MAX_QUANTITY: i64 = 10_000;
/// As much as a price, or a whole order, may come to. SNS compares numbers up to here, so filters on amounts hold.
const MAX_AMOUNT: u32 = 1_000_000_000;
/// As long as an article's code may be.
const MAX_SKU: usize = 64;

/// Why a request is no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What is wrong as a whole.
    pub message: String,
    /// What is wrong with each field.
    pub errors: Vec<Fault>,
}

/// Reads an order. `test_controls` says whether this deployment honours them; where it does not, one is a fault.
///
/// # Errors
/// When the text is no JSON object, or any of its fields is at fault; then all that are.
pub fn validate(body: &str, test_controls: bool) -> Result<NewOrder, Rejection> {
    let mut form = Form::read(body, "").map_err(|error| not_an_object(body, &error))?;
    let mut faults = Faults::default();

    let customer_email = form.require("customerEmail", &mut faults, email);
    let currency = form.require("currency", &mut faults, currency);
    let lines = form.require("items", &mut faults, lines);
    let items = lines.map(|lines| items(&lines, currency.as_ref(), &mut faults));
    let controls = controls(&mut form, test_controls, &mut faults);
    form.finish(&mut faults);

    let valid = faults.is_empty().then_some(());
    let order = valid.and(customer_email).zip(currency).zip(items);
    if let Some(((customer_email, currency), items)) = order {
        match total(&items) {
            Some(total_amount) => {
                return Ok(NewOrder {
                    customer_email,
                    items,
                    total_amount,
                    currency,
                    test_controls: controls.if_any(),
                });
            }
            None => faults.add(
                "items",
                format!("must not come to more than {MAX_AMOUNT} in total"),
            ),
        }
    }
    Err(Rejection {
        message: "the order is not valid".to_owned(),
        errors: faults.into_vec(),
    })
}

fn not_an_object(body: &str, error: &serde_json::Error) -> Rejection {
    let message = match serde_json::from_str::<&RawValue>(body) {
        Ok(_) => "the body must be a JSON object".to_owned(),
        Err(_) => format!("the body is not JSON: {error}"),
    };
    let errors = Vec::new();
    Rejection { message, errors }
}

fn email(raw: &str) -> Result<CustomerEmail, String> {
    let address = text(raw)?;
    let options = Options::default()
        .with_required_tld()
        .without_domain_literal()
        .without_display_text();
    match EmailAddress::parse_with_options(&address, options) {
        Ok(_) => CustomerEmail::new(address),
        Err(_) => None,
    }
    .ok_or_else(|| "must be an e-mail address".to_owned())
}

fn currency(raw: &str) -> Result<Currency, String> {
    let code = text(raw)?;
    Currency::iso_4217(&code)
        .ok_or_else(|| "must be an ISO 4217 currency code, such as EUR".to_owned())
}

fn lines(raw: &str) -> Result<Vec<&RawValue>, String> {
    let lines: Vec<&RawValue> =
        serde_json::from_str(raw).map_err(|_| "must be a list".to_owned())?;
    if (1..=MAX_LINES).contains(&lines.len()) {
        Ok(lines)
    } else {
        Err(format!("must have from 1 to {MAX_LINES} entries"))
    }
}

/// The lines that can be read; the faults of the others.
fn items(lines: &[&RawValue], currency: Option<&Currency>, faults: &mut Faults) -> Vec<OrderLine> {
    let mut items = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Ok(mut form) = Form::read(line.get(), &format!("items[{index}].")) else {
            faults.add(format!("items[{index}]"), "must be an object");
            continue;
        };
        let sku = form.require("sku", faults, sku);
        let quantity = form.require("quantity", faults, quantity);
        let price = form.require("price", faults, |raw| price(raw, currency));
        form.finish(faults);
        if let Some(((sku, quantity), price)) = sku.zip(quantity).zip(price) {
            items.push(OrderLine {
                sku,
                quantity,
                price,
            });
        }
    }
    items
}

fn sku(raw: &str) -> Result<Text<1, MAX_SKU>, String> {
    let sku = text(raw)?;
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let plain =
        sku.starts_with(|first: char| first.is_ascii_alphanumeric()) && sku.bytes().all(inner);
    plain.then_some(sku).and_then(|sku| sku.try_into().ok()).ok_or_else(|| {
        format!(
            "must be 1 to {MAX_SKU} letters, digits, `-`, `_` or `.`, and begin with a letter or digit"
        )
    })
}

fn quantity(raw: &str) -> Result<Whole<1, MAX_QUANTITY>, String> {
    // `i64` also reads "+1", which JSON does not have; the text is JSON already.
    let quantity = i64::from_str(raw).ok();
    quantity
        .and_then(|quantity| quantity.try_into().ok())
        .ok_or_else(|| format!("must be a whole number from 1 to {MAX_QUANTITY}"))
}

fn price(raw: &str, currency: Option<&Currency>) -> Result<Money, String> {
    let price = Money::from_json(raw).map_err(|error| error.to_string())?;
    if price <= Money::whole(0) || price > Money::whole(MAX_AMOUNT) {
        return Err(format!("must be more than 0 and at most {MAX_AMOUNT}"));
    }
    match currency.and_then(|currency| Some((currency, currency.minor_digits()?))) {
        Some((currency, digits)) if price.decimals() > digits => Err(format!(
            "must have at most {digits} decimals, as {currency} has"
        )),
        _ => Ok(price),
    }
}

fn total(items: &[OrderLine]) -> Option<Money> {
    items
        .iter()
        .try_fold(Money::whole(0), |sum, line| {
            sum.checked_plus(line.price.checked_times(line.quantity.get())?)
        })
        .filter(|total| *total <= Money::whole(MAX_AMOUNT))
}

fn controls(form: &mut Form<'_>, allowed: bool, faults: &mut Faults) -> TestControls {
    // Each reads its own field, or says that this deployment has no such field.
    fn read<T: DeserializeOwned>(
        form: &mut Form<'_>,
        name: &str,
        allowed: bool,
        faults: &mut Faults,
        expected: &str,
    ) -> Option<T> {
        form.take(name, faults, |raw| {
            if !allowed {
                return Err("is a test control, and test controls are off here".to_owned());
            }
            serde_json::from_str(raw).map_err(|_| format!("must be {expected}"))
        })
    }
    let payment: Option<PaymentOutcome> = read(
        form,
        "paymentOutcome",
        allowed,
        faults,
        "`approved` or `declined`",
    );
    let inventory: Option<InventoryOutcome> = read(
        form,
        "inventoryOutcome",
        allowed,
        faults,
        "`reserved` or `out_of_stock`",
    );
    // Any name will do: this service knows no consumer.
    let failing: Option<Text<1>> = read(
        form,
        "simulateTechnicalFailure",
        allowed,
        faults,
        "the name of a service",
    );
    TestControls {
        payment_outcome: payment,
        inventory_outcome: inventory,
        simulate_technical_failure: failing,
    }
}
