//! The shape of a result: one value, one record, rows.

use crate::{Field, Output, Step, Type};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Nothing,
    One(Type),
    Record {
        fields: Vec<Field>,
        key: Option<String>,
    },
    Rows {
        fields: Vec<Field>,
        key: Option<String>,
    },
}

/// A step leads nowhere.
pub(super) enum NoStep {
    /// There is no such field among these.
    Field(String, Vec<Field>),
    /// What stands before the index is no list.
    Index,
}

impl Shape {
    pub(super) fn of_output(output: &Output) -> Shape {
        match output {
            Output::None => Shape::Nothing,
            Output::Value { ty } => Shape::of_type(ty),
            Output::Record { fields, key } => Shape::Record {
                fields: fields.clone(),
                key: key.clone(),
            },
            Output::Rows { fields, key } => Shape::Rows {
                fields: fields.clone(),
                key: key.clone(),
            },
        }
    }

    pub(super) fn of_type(ty: &Type) -> Shape {
        match ty {
            Type::Record(fields) => Shape::Record {
                fields: fields.clone(),
                key: None,
            },
            Type::List(item) => match item.as_ref() {
                Type::Record(fields) => Shape::Rows {
                    fields: fields.clone(),
                    key: None,
                },
                _ => Shape::One(ty.clone()),
            },
            ty => Shape::One(ty.clone()),
        }
    }

    /// Returns the type of a value of this shape.
    pub(super) fn ty(&self) -> Type {
        match self {
            Shape::Nothing => Type::Any,
            Shape::One(ty) => ty.clone(),
            Shape::Record { fields, .. } => Type::Record(fields.clone()),
            Shape::Rows { fields, .. } => Type::List(Box::new(Type::Record(fields.clone()))),
        }
    }

    pub(super) fn fields(&self) -> &[Field] {
        match self {
            Shape::Record { fields, .. } | Shape::Rows { fields, .. } => fields,
            Shape::Nothing | Shape::One(_) => &[],
        }
    }

    /// Returns the field that identifies a record or a row.
    pub(super) fn key_field(&self) -> Option<&Field> {
        match self {
            Shape::Record { fields, key } | Shape::Rows { fields, key } => {
                let key = key.as_deref()?;
                fields.iter().find(|field| field.name == key)
            }
            Shape::Nothing | Shape::One(_) => None,
        }
    }

    pub(super) fn step(self, step: &Step) -> Result<Shape, NoStep> {
        match (self, step) {
            (Shape::Rows { fields, key }, Step::Index(_)) => Ok(Shape::Record { fields, key }),
            (Shape::One(Type::List(item)), Step::Index(_)) => Ok(Shape::of_type(&item)),
            (Shape::One(Type::Any), _) => Ok(Shape::One(Type::Any)),
            (_, Step::Index(_)) => Err(NoStep::Index),
            (shape, Step::Field(name)) => {
                match shape.fields().iter().find(|field| field.name == *name) {
                    None => Err(NoStep::Field(name.clone(), shape.fields().to_vec())),
                    Some(field) if matches!(shape, Shape::Rows { .. }) => {
                        Ok(Shape::of_type(&Type::List(Box::new(field.ty.clone()))))
                    }
                    Some(field) => Ok(Shape::of_type(&field.ty)),
                }
            }
        }
    }
}
