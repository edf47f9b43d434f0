<?php
// Answers cases with the real engine: a JSON object a line in, one out.
//   apt-get install php-cli php-twig php-mbstring
// A PHP warning counts as an error of the render, so that no answer hangs on how warnings are configured.
require 'Twig/autoload.php';
error_reporting(E_ALL & ~E_DEPRECATED);
set_error_handler(function ($level, $text) {
    if (error_reporting() & $level) {
        throw new ErrorException($text, 0, $level);
    }
    return false;
});
while (($line = fgets(STDIN)) !== false) {
    $case = json_decode($line, true);
    date_default_timezone_set($case['timezone'] ?? 'UTC');
    $options = ['autoescape' => false, 'strict_variables' => !empty($case['strict']), 'cache' => false];
    $twig = new Twig\Environment(new Twig\Loader\ArrayLoader(['t' => $case['template']]), $options);
    try {
        $answer = ['output' => $twig->render('t', $case['context'] ?: [])];
    } catch (Twig\Error\SyntaxError $e) {
        $answer = ['error' => 'syntax', 'message' => $e->getMessage()];
    } catch (Throwable $e) {
        $answer = ['error' => 'runtime', 'message' => $e->getMessage()];
    }
    echo json_encode($answer, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
