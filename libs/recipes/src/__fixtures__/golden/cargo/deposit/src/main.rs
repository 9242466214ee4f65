fn main() {
    println!("{}", 1.0 / 5.0);
}
