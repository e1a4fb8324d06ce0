#!/usr/bin/env python3
"""Runs the state machine in interpreters of the States Language that are not ours, through the same scenarios.

usage: interpreters.py
Each scenario has a function fail so many times with an error (Analyse: its first slice), and says how often it
is then called, and whether Reduce is told of that error before all others. Functions are stood in for; waits
are left out. Interpreters: moto's (pip install "moto[stepfunctions]") and LocalStack's (pip install
"localstack-core[runtime]", Python 3.13). One that is not there is said to be; with none of them the
exit status is 77.
"""
import datetime
import importlib
import io
import json
import logging
import os
import pathlib
import sys
import threading
import types

HERE = pathlib.Path(__file__).parent
NOT_THERE = 77
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
N_SLICES = 2


class Functions:
    """Answers as the Lambda client of AWS's library does."""

    def __init__(self, scenario):
        self.scenario, self.left = scenario, scenario["times"]
        self.calls, self.told, self.lock = 0, None, threading.Lock()

    def is_meant(self, function, given):
        if function != self.scenario["function"] or "failure" in given:
            return False
        return given.get("slice", 0) == 0

    def invoke(self, FunctionName, Payload, **_):
        function = next(name for name in ("Plan", "Analyse", "Reduce") if FunctionName.split(":")[-1].startswith(name))
        given = json.loads(Payload)
        with self.lock:
            if "failure" in given and self.told is None:
                self.told = given["failure"]["Error"]
            if self.is_meant(function, given):
                self.calls += 1
                if self.left > 0:
                    self.left -= 1
                    body = {"errorType": self.scenario["error"], "errorMessage": "on purpose"}
                    return answer(body) | {"FunctionError": "Unhandled"}
        planned = {"request_key": given["request_key"], "slices": list(range(N_SLICES))}
        return answer(planned if function == "Plan" else None)


def answer(body):
    return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": io.BytesIO(json.dumps(body).encode())}


class Interpreter:
    """The code of both has one origin and one shape, and differs in age."""

    def __init__(self, name, root, eval_utils):
        self.name = name
        load = lambda path: importlib.import_module(f"{root}.{path}")
        self.lambda_utils = load(eval_utils)
        self.details = load("asl.eval.evaluation_details")
        self.environment = load("asl.eval.environment").Environment
        self.events = load("asl.eval.event.event_manager").EventHistoryContext
        self.states = load("asl.eval.states")
        self.parser = load("asl.parse.asl_parser").AmazonStateLanguageParser
        retrier = load("asl.component.common.retry.retrier_decl")
        retrier.time = types.SimpleNamespace(sleep=lambda _: None)

    def run(self, definition, functions):
        self.lambda_utils.boto_client_for = lambda **_: functions
        aws = self.details.AWSExecutionDetails(account="123456789012", region="us-east-1", role_arn="arn:aws:iam::123456789012:role/run")
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        execution = self.states.ExecutionData(Id="arn:e", Input={"request_key": "r"}, Name="run", RoleArn=aws.role_arn, StartTime=now)
        machine = self.states.StateMachineData(Id="arn:m", Name="run")
        env = self.environment(
            aws_execution_details=aws, execution_type="STANDARD",
            context=self.states.ContextObjectData(Execution=execution, StateMachine=machine),
            event_history_context=self.events.of_program_start(), cloud_watch_logging_session=None, activity_store={})
        self.parser.parse(definition)[0].eval(env)


def there():
    """The interpreters of this machine, and why the others are not among them."""
    task = "asl.component.state{}.state_task.lambda_eval_utils"
    for name, root, path in (
        ("moto", "moto.stepfunctions.parser", task.format(".exec")),
        ("LocalStack", "localstack.services.stepfunctions", task.format(".state_execution")),
    ):
        try:
            yield Interpreter(name, root, path)
        except (ImportError, SyntaxError) as error:
            print(f"not there: {name} ({type(error).__name__}: {error})")


def main():
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    logging.disable()  # each failure that is caught would be a page
    definition = (HERE / "state-machine.asl.json").read_text()
    for name in ("Plan", "Analyse", "Reduce"):
        definition = definition.replace("${%sFunctionArn}" % name, f"{ARN}{name}Function")
    definition = definition.replace("${AnalysisConcurrency}", "2")
    scenarios = json.loads((HERE / "state-machine.scenarios.json").read_text())
    n_interpreters = n_wrong = 0
    for interpreter in there():
        n_interpreters += 1
        for scenario in scenarios:
            functions = Functions(scenario)
            interpreter.run(definition, functions)
            told = functions.told == scenario["error"] if scenario["told"] else functions.told is None
            if functions.calls != scenario["calls"] or not told:
                n_wrong += 1
                print(f"wrong: {interpreter.name}: {scenario}: {functions.calls} calls, told of {functions.told}")
        print(f"{interpreter.name}: {len(scenarios)} scenarios")
    if n_interpreters == 0:
        return NOT_THERE
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
