//! Tells the fields of bound names from functions.

use crate::{Argument, Expression, FunctionName, Plan, Reference, Span, Step};

/// Turns `p.name` into a reference wherever `p` is bound above.
///
/// Where a function is wanted (the actions of a table), the check reads it as a
/// function again; so `files = files.find()` then `table(files, actions=[files.trash])` works.
pub(crate) fn resolve_names(plan: &mut Plan) {
    let mut bound: Vec<String> = plan.params.iter().map(|param| param.name.clone()).collect();
    for statement in &mut plan.statements {
        resolve_arguments(&mut statement.call.arguments, &bound);
        bound.extend(statement.name.clone());
    }
}

fn resolve_arguments(arguments: &mut [Argument], bound: &[String]) {
    for argument in arguments {
        let span = argument.span;
        resolve_expression(&mut argument.value, bound, span);
    }
}

fn resolve_expression(expression: &mut Expression, bound: &[String], span: Span) {
    match expression {
        Expression::List(items) => {
            for item in items {
                resolve_expression(item, bound, span);
            }
        }
        Expression::Call(call) => resolve_arguments(&mut call.arguments, bound),
        Expression::Function(function) => {
            if bound.iter().any(|name| name == function.domain()) {
                *expression = Expression::Reference(as_reference(function, span));
            }
        }
        Expression::Literal(_) | Expression::Reference(_) => {}
    }
}

/// Reads `a.b.c` as the field `c` of the field `b` of `a`.
pub(crate) fn as_reference(function: &FunctionName, span: Span) -> Reference {
    let mut path = function.as_str().split('.').map(str::to_owned);
    Reference {
        name: path.next().unwrap_or_default(),
        steps: path.map(Step::Field).collect(),
        span,
    }
}

/// Reads the field `c` of the field `b` of `a` as `a.b.c`.
pub(crate) fn as_function(reference: &Reference) -> Option<FunctionName> {
    let mut text = reference.name.clone();
    for step in &reference.steps {
        match step {
            Step::Field(field) => {
                text.push('.');
                text.push_str(field);
            }
            Step::Index(_) => return None,
        }
    }
    FunctionName::new(text).ok()
}
