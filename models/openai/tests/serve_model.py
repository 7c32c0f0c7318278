"""Serves a model with llama.cpp's own server, prints its address, and ends with its standard input."""

import sys

import xllamacpp

parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.n_ctx = 2048
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
sys.stdin.read()
