#!/bin/sh
dot -V
