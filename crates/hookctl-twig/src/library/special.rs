//! Signatures of what looks at the template rather than at values: the parser builds expressions of their own from these calls, and
//! the evaluator runs them.

use super::signature::{Param, ParamType, Returns, Signature};
use crate::types::Kind;
use crate::value::Value;

const ANY: Returns = Returns::Kind(Kind::Any);

/// `default` looks at whether the expression before it is defined.
pub(super) const FILTERS: &[Signature] = &[Signature::new(
    "default",
    &[Param::required("value"), Param::optional("default", || Value::str(""))],
    ANY,
)
.doc("the default where the value is undefined or empty", "{{ missing|default('none') }}", "none")];

/// `block` renders a part of the template, `attribute` reads a field whose name is calculated.
pub(super) const FUNCTIONS: &[Signature] = &[
    Signature::new(
        "attribute",
        &[
            Param::required("variable"),
            Param::required("attribute"),
            Param::optional("arguments", || Value::array(crate::value::Array::new())).typed(ParamType::Array),
        ],
        ANY,
    )
    .doc("the field of a value whose name is calculated", "{{ attribute({size: 'L'}, 'si' ~ 'ze') }}", "L"),
    Signature::new("block", &[Param::required("name").typed(ParamType::Text)], Returns::Kind(Kind::Text)).doc(
        "the output of a block of this template, once more",
        "{% block name %}Ann{% endblock %} {{ block('name') }}",
        "Ann Ann",
    ),
];

/// `defined` looks at the expression, not at its value.
pub(super) const TESTS: &[Signature] = &[Signature::new(
    "defined",
    &[Param::required("value")],
    Returns::Kind(Kind::Bool),
)
.doc("whether the variable or field exists", "{{ missing is defined ? 'yes' : 'no' }}", "no")];
