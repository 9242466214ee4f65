package main

func main() { println(1.0 / 5) }
