"""Reads YAML 1.1 with PyYAML, short tags to their long form as CloudFormation reads them.

In: a JSON list of texts on standard input. Out: a JSON list of what they hold, or of why they cannot be read.
"""

import json
import sys

import yaml


class Reader(yaml.SafeLoader):
    pass


def long_form(reader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        argument = reader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        argument = reader.construct_sequence(node, deep=True)
    else:
        argument = reader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(argument, str):
        argument = argument.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": argument}


Reader.add_multi_constructor("!", long_form)


def read(text):
    try:
        return {"value": yaml.load(text, Reader)}
    except yaml.YAMLError as error:
        return {"error": str(error)}


# A date or a set has no JSON form: its text makes it differ from what was written.
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout, default=str)
